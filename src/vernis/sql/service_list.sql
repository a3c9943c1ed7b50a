-- name: listed
-- Services, and after how many days their clients come back, by each level that knows it.
SELECT s.service_id, s.title, s.category, s.price_minor, s.duration_minutes, s.is_active,
       s.own_interval_days, i.median_interval_days AS learned_days, i.low_days AS learned_from_days,
       i.high_days AS learned_to_days, i.sample_size, n.category_key AS standard_key,
       n.interval_days AS standard_days,
       (SELECT count(*) FROM client_due_dates d
        WHERE d.company_id = :company_id AND d.service_id = s.service_id) AS clients
FROM services s
LEFT JOIN service_reactivation_intervals i
       ON i.company_id = :company_id AND i.service_id = s.service_id AND i.is_active
LEFT JOIN industry_standard_intervals n ON n.category_key = s.standard_key
WHERE s.company_id = :company_id AND s.service_id > :after
  AND (:service_id::bigint IS NULL OR s.service_id = :service_id)
  AND (:is_active::boolean IS NULL OR s.is_active = :is_active)
ORDER BY s.service_id LIMIT :most;
