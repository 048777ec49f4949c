-- Whether the shape of the submission $1, or one of the attributes $2 that it claims, was changed after it was last submitted.
SELECT EXISTS (
    SELECT FROM bando.log l
    WHERE l.layer = 'coverage_submissions' AND l.feature = $1 AND l.op = 'update'
      AND (l.after_geom IS NOT NULL OR l.after ?| $2::text[])
      AND (l.revision, l.ordinal) > (
          SELECT s.revision, s.ordinal FROM bando.log s
          WHERE s.layer = l.layer AND s.feature = l.feature AND s.after ->> 'state' = 'submitted'
          ORDER BY s.revision DESC, s.ordinal DESC LIMIT 1))
