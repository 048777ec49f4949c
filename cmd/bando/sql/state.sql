-- Whether anything was ever written, and whether it is the demo.
SELECT h.revision, coalesce((SELECT value = 'true' FROM bando.setting WHERE key = 'demo'), false)
FROM bando.head h
