-- name: returns
-- Of the clients whose last visit lies in these days, and who had come before: how many days after
-- the expected one it was.
SELECT d.last_visit_on - p.on_date - d.interval_days AS days_late, count(*)
FROM client_due_dates d
CROSS JOIN LATERAL (SELECT max(b.on_date) AS on_date FROM bookings b
                    WHERE b.company_id = :company_id AND b.client_id = d.client_id
                      AND b.state = 'completed' AND b.on_date < d.last_visit_on) AS p
WHERE d.company_id = :company_id AND d.last_visit_on BETWEEN :first_day AND :last_day
  AND p.on_date IS NOT NULL
GROUP BY days_late ORDER BY days_late;
