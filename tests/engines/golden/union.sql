WITH s1 AS (
  SELECT t."host" AS c7, 'process' AS c8
  FROM "process_event" AS t
  UNION ALL
  SELECT t."host" AS c7, 'web' AS c8
  FROM "web_event" AS t
)
SELECT c7, c8
FROM s1
LIMIT 5
