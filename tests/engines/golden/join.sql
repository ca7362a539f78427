WITH s1 AS (
  SELECT t."time" AS c6, t."host" AS c7, t."command" AS c8
  FROM "process_event" AS t
),
s2 AS (
  SELECT t."host" AS c4, t."time" AS c5
  FROM "process_event" AS t
  WHERE contains(lower(t."command"), 'nmap') AND regexp_matches(lower(t."command"), '(?:^|[^0-9A-Za-z])nmap(?:[^0-9A-Za-z]|$)') AND CASE WHEN strlen(t."command") <> length(t."command") AND regexp_matches(lower(t."command"), '(?:^|[^0-9A-Za-z])nmap(?:[^0-9A-Za-z]|$)') THEN py_has_term(lower(t."command"), 'nmap', true, true) ELSE true END
)
SELECT l.c6 AS c6, l.c7 AS c7, l.c8 AS c8, r.c4 AS c4, r.c5 AS c5
FROM s1 AS l
LEFT JOIN s2 AS r ON l.c7 = r.c4
WHERE r.c5 IS NULL
