WITH RECURSIVE s1 AS (
  SELECT t."time" AS c1, t."host" AS c2, t."command" AS c3, length(t."command") AS c4
  FROM "process_event" AS t
),
s2 AS (
  SELECT c1, c2, c3, c4, row_number() OVER () AS c6
  FROM s1
),
s3 AS MATERIALIZED (
  SELECT c1, c2, c3, c4, c6, row_number() OVER (ORDER BY c1 ASC NULLS FIRST, c6 ASC NULLS LAST) AS c7
  FROM s2
),
s4 AS (
  SELECT CAST(0 AS BIGINT) AS c7, CAST(0::BIGINT AS BIGINT) AS c5
  UNION ALL
  SELECT r.c7, CAST(greatest(s.c5, r.c4) AS BIGINT)
  FROM s4 AS s JOIN s3 AS r ON r.c7 = s.c7 + 1
)
SELECT r.c1 AS c1, r.c2 AS c2, r.c3 AS c3, r.c4 AS c4, s.c5 AS c5
FROM s3 AS r
JOIN s4 AS s ON s.c7 = r.c7
WHERE s.c5 > 5::BIGINT
ORDER BY r.c7 ASC NULLS LAST
