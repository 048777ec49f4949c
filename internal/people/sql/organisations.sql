SELECT code, title, kind, operator FROM bando.organisation ORDER BY code
