package people

import "testing"

func TestWhatIsGuessedFirstIsNoPassword(t *testing.T) {
	for password, easy := range map[string]bool{
		"password123": true, "matkhau2026": true, "Mật Khẩu 123": true, "anhyeuem123": true, "qwerty12345": true, "1234567890": true,
		"binhlu2026": true, "Bình Lư 2026": true, "dang.van123": true, "đặng.văn 12": true, "aaaaaaaaaa": true, "abcdefghij": true,
		"con trâu đi cày sớm": false, "ba cây chụm lại hòn núi": false, "xK9#vPq2mL!w": false, "mưa rào tháng sáu": false,
	} {
		if got := guessable(password, "đặng.văn"); got != easy {
			t.Errorf("%q is guessed first: %v", password, got)
		}
	}
}
