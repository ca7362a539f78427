WITH s1 AS (
  SELECT DISTINCT ON (t."host") t."time" AS c1, t."host" AS c2, t."command" AS c3
  FROM "process_event" AS t
)
SELECT json_array_of(list_transform(list_slice(each_once(coalesce(list(c3) FILTER (WHERE c3 IS NOT NULL), [])), 1, 5::BIGINT), lambda v: json_of_text(v))) AS c4
FROM s1
