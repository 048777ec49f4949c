SELECT secret, confirmed_at, last_step FROM bando.second_factor WHERE account = $1
