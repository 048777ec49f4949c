package media

// matrix is a 4×4 transform in columns, as glTF writes it.
type matrix [16]float64

func identity() matrix { return matrix{0: 1, 5: 1, 10: 1, 15: 1} }

// times is the transform that does n first and then m.
func (m matrix) times(n matrix) matrix {
	var p matrix
	for col := range 4 {
		for row := range 4 {
			for k := range 4 {
				p[col*4+row] += m[k*4+row] * n[col*4+k]
			}
		}
	}
	return p
}

func (m matrix) point(p [3]float64) [3]float64 {
	var q [3]float64
	for row := range 3 {
		q[row] = m[row]*p[0] + m[4+row]*p[1] + m[8+row]*p[2] + m[12+row]
	}
	return q
}

// local is the node's own transform: its matrix, or scale, then rotation (a unit quaternion x, y, z, w), then translation.
func (n node) local() matrix {
	if len(n.Matrix) == 16 {
		return matrix(n.Matrix)
	}
	m := identity()
	if len(n.Rotation) == 4 {
		x, y, z, w := n.Rotation[0], n.Rotation[1], n.Rotation[2], n.Rotation[3]
		m = matrix{
			1 - 2*(y*y+z*z), 2 * (x*y + z*w), 2 * (x*z - y*w), 0,
			2 * (x*y - z*w), 1 - 2*(x*x+z*z), 2 * (y*z + x*w), 0,
			2 * (x*z + y*w), 2 * (y*z - x*w), 1 - 2*(x*x+y*y), 0,
			0, 0, 0, 1,
		}
	}
	if len(n.Scale) == 3 {
		for col := range 3 {
			for row := range 3 {
				m[col*4+row] *= n.Scale[col]
			}
		}
	}
	if len(n.Translation) == 3 {
		copy(m[12:15], n.Translation)
	}
	return m
}
