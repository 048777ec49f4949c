SELECT set_config('bando.why', $1, true)
