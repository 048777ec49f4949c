-- Whether the shape of the submission $1 was changed after its file was read.
SELECT EXISTS (
    SELECT FROM bando.log l
    WHERE l.layer = 'coverage_submissions' AND l.feature = $1 AND l.op = 'update' AND l.after_geom IS NOT NULL)
