// Package vn holds what is particular to Vietnamese maps: text and its old encodings, the names people search by,
// VN-2000 plane coordinates, the national parcel code, and how numbers, areas and dates are written.
package vn
