package people

import (
	"strings"

	"github.com/trustelem/zxcvbn"

	"bando/geodata/vn"
)

// What a new password must stand: so many guesses, by zxcvbn's count of common passwords, words, names, dates and keys beside
// each other. A million is what a patient guesser gets through at our sign-in in some years.
const (
	minGuesses = 1e6
	// longestJudged bounds the time of judging, in characters: what is longer is not guessed for what stands behind.
	longestJudged = 64
)

// habits are words that people here reach for, beside those that zxcvbn knows.
func habits() []string {
	return []string{
		"matkhau", "mat khau", "anhyeuem", "emyeuanh", "yeuem", "vietnam", "hanoi", "laichau", "lai chau", "binhlu", "binh lu", "tamduong",
		"xabinhlu", "ubnd", "ubndxa", "diachinh", "vanhoa", "bando", "viettel", "vnpt", "mobifone", "xinchao", "congan", "quantri", "truongban",
	}
}

// guessable reports whether a password is among the first that somebody who knows the account's name would try. Diacritics do
// not help: a guesser leaves them out first.
func guessable(password, name string) bool {
	judged := []rune(password)
	judged = judged[:min(len(judged), longestJudged)]
	known := append(habits(), name, vn.Fold(name))
	for _, form := range []string{string(judged), vn.Fold(string(judged)), strings.ReplaceAll(vn.Fold(string(judged)), " ", "")} {
		if zxcvbn.PasswordStrength(form, known).Guesses < minGuesses {
			return true
		}
	}
	return false
}
