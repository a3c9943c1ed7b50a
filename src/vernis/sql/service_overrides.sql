-- name: lock_company
-- Before anything else, as the computation of all intervals does.
SELECT FROM companies WHERE company_id = :company_id FOR NO KEY UPDATE;

-- name: known
SELECT own_interval_days FROM services
WHERE company_id = :company_id AND service_id = :service_id FOR UPDATE;

-- name: set_interval
UPDATE services SET own_interval_days = :days
WHERE company_id = :company_id AND service_id = :service_id;

-- name: concerned
-- Those whose due date is that of the service.
SELECT client_id FROM client_due_dates
WHERE company_id = :company_id AND service_id = :service_id ORDER BY client_id;

-- name: find
SELECT service_id FROM services
WHERE company_id = :company_id AND (service_id = :service_id OR lower(title) = lower(:title))
ORDER BY service_id;
