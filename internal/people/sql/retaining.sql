-- Lets this transaction alone give up lines of the account log.
SELECT set_config('bando.retaining', $1, true)
