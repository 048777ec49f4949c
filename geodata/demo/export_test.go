package demo

// Peopled is the households and the people of each hamlet with a seed.
func Peopled(seed uint64) (homes, people []int) { return peopled(dice(seed, "hamlets")) }
