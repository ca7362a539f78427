WITH s1 AS (
  SELECT t."time" AS c1, t."host" AS c2, t."command" AS c3, length(t."command") AS c4
  FROM "process_event" AS t
  WHERE t."host" = 'a'
),
s2 AS (
  SELECT c2 AS c6, c4 AS c7
  FROM s1
),
s3 AS (
  SELECT max(c4) AS c5
  FROM s1
)
SELECT l.c6 AS c6, l.c7 AS c7, r.c5 AS c5
FROM s2 AS l
JOIN s3 AS r ON l.c7 = r.c5
