DELETE FROM bando.sign_in_pace WHERE last < $1
