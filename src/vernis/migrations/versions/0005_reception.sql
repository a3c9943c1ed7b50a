-- What the receptionist may state of the place, and how long a person who answers silences it.
ALTER TABLE companies
    ADD COLUMN facts jsonb NOT NULL DEFAULT '{}',                 -- address, directions, cards, parking
    ADD COLUMN silence_minutes integer NOT NULL DEFAULT 240
        CHECK (silence_minutes BETWEEN 0 AND 10080);

ALTER TABLE dialogs
    ADD COLUMN waiting_since timestamptz,                         -- a person is to answer
    ADD COLUMN waiting_why text,
    ADD COLUMN person_at timestamptz,                             -- a person last wrote
    ADD COLUMN silent_until timestamptz,                          -- and the assistant is silent
    ADD CHECK ((waiting_since IS NULL) = (waiting_why IS NULL));
CREATE INDEX dialogs_waiting ON dialogs (company_id, waiting_since)
    WHERE waiting_since IS NOT NULL;

-- A booking that is moved or cancelled is intent first as well.
ALTER TABLE booking_intents
    ADD COLUMN action text NOT NULL DEFAULT 'book' CHECK (action IN ('book', 'move', 'cancel')),
    ADD COLUMN changes bigint[] NOT NULL DEFAULT '{}',            -- the bookings that are changed
    ALTER COLUMN service_id DROP NOT NULL,
    ALTER COLUMN staff_id DROP NOT NULL,
    ALTER COLUMN starts_at DROP NOT NULL,
    ALTER COLUMN ends_at DROP NOT NULL,
    ADD CHECK (action = 'cancel' OR num_nulls(service_id, staff_id, starts_at, ends_at) = 0),
    ADD CHECK ((action = 'book') = (changes = '{}'));

