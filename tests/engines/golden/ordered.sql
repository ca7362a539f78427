WITH s1 AS (
  SELECT t."time" AS c1, t."host" AS c2, t."command" AS c3, length(t."command") AS c4, lower(t."host") AS c6
  FROM "process_event" AS t
)
SELECT c2, upper(c2) AS c5
FROM s1
WHERE c4 > 5::BIGINT
ORDER BY c4 DESC NULLS LAST, c6 ASC NULLS FIRST
