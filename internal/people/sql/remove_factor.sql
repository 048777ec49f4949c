DELETE FROM bando.second_factor WHERE account = $1
