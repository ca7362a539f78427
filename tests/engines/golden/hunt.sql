WITH s1 AS (
  SELECT t."time" AS c1, t."host" AS c2, t."command" AS c3, CASE WHEN timespan_of_text('1h') > 0 THEN t."time" // nullif(timespan_of_text('1h'), 0) * timespan_of_text('1h') END AS c4
  FROM "process_event" AS t
  WHERE regexp_matches(t."command", '(?:^|[^0-9A-Za-z])(?i:nmap|ma(?-i:s|S)(?-i:s|S)can)(?:[^0-9A-Za-z]|$)') AND CASE WHEN strlen(t."command") <> length(t."command") AND regexp_matches(t."command", '(?:^|[^0-9A-Za-z])(?i:nmap|ma(?-i:s|S)(?-i:s|S)can)(?:[^0-9A-Za-z]|$)') THEN py_has_any_term(lower(t."command"), ['nmap', 'masscan']) ELSE true END
),
s2 AS (
  SELECT c2 AS c5, c4 AS c6, count(*) AS c7
  FROM s1
  GROUP BY 1, 2
)
SELECT c5, c7
FROM s2
WHERE c7 > 2::BIGINT
ORDER BY c7 DESC NULLS LAST, c5 ASC NULLS FIRST
LIMIT 10
