SELECT value FROM bando.setting WHERE key = 'demo_accounts'
