SELECT id FROM layer.hamlets WHERE code = $1
