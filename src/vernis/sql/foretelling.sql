-- name: returns
-- Of the clients whose last visit lies in these days, the latest of those who had come before: how
-- many days after the expected one it was.
SELECT v.last_visit_on - p.on_date - v.interval_days AS days_late, count(*)
FROM (SELECT client_id, last_visit_on, interval_days FROM client_due_dates
      WHERE company_id = :company_id AND last_visit_on BETWEEN :first_day AND :last_day
        AND visit_count > 1
      ORDER BY last_visit_on DESC, client_id LIMIT :most) AS v
CROSS JOIN LATERAL (SELECT max(b.on_date) AS on_date FROM bookings b
                    WHERE b.company_id = :company_id AND b.client_id = v.client_id
                      AND b.state = 'completed' AND b.on_date < v.last_visit_on) AS p
WHERE p.on_date IS NOT NULL
GROUP BY days_late ORDER BY days_late;
