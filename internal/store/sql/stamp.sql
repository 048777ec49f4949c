-- Tells the log who writes, by what way, why and on what evidence.
SELECT set_config('bando.who', $1, true), set_config('bando.account', $2, true), set_config('bando.role', $3, true),
       set_config('bando.via', $4, true), set_config('bando.why', $5, true), set_config('bando.evidence', $6, true)
