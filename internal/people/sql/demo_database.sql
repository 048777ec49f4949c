SELECT EXISTS (SELECT FROM bando.setting WHERE key = 'demo' AND value NOT IN ('false', 'null'))
