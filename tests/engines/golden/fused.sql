SELECT t."time" AS c1, t."host" AS c2, lower(t."host") AS c4
FROM "process_event" AS t
WHERE t."host" = 'a'
  AND t."host" IS DISTINCT FROM 'b'
