-- Makes the four roles of Arrestra and hands the database to the one that migrates it. Run once per database, as a superuser (or
-- the administrator of a managed server), connected to that database, before the first `npm start`:
--
--   createdb arrestra
--   psql -v ON_ERROR_STOP=1 -d arrestra -f prisma/bootstrap.sql
--
-- Then give the three roles that sign in a password of your own, and put them into the addresses of .env.example:
--
--   ALTER ROLE arrestra_owner    PASSWORD '...';   -- DATABASE_URL           migrations only
--   ALTER ROLE arrestra_app      PASSWORD '...';   -- APP_DATABASE_URL       everything at run time
--   ALTER ROLE arrestra_platform PASSWORD '...';   -- PLATFORM_DATABASE_URL  optional, see below
--
-- Plain SQL for PostgreSQL 15 or newer, without psql commands; running it again changes nothing.

-- The owner of every table. Not a superuser, and row-level security is forced on it too.
DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'arrestra_owner') THEN CREATE ROLE arrestra_owner LOGIN; END IF;
END $$;

-- The role the product runs as. NOINHERIT comes before the grant below: a member of arrestra_platform in name only, until a
-- transaction says SET LOCAL ROLE.
DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'arrestra_app') THEN CREATE ROLE arrestra_app LOGIN NOINHERIT; END IF;
END $$;

-- Answers the questions asked before the firm is known (host, key id, job): reads named columns through its own policies.
DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'arrestra_platform') THEN CREATE ROLE arrestra_platform LOGIN; END IF;
END $$;

-- Owns the one search function, which filters by firm itself; nobody signs in as this role. Some managed servers do not let their
-- administrator grant BYPASSRLS: then search uses the slower plan, under row-level security like everything else.
DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'arrestra_search') THEN CREATE ROLE arrestra_search NOLOGIN; END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'arrestra_search' AND rolbypassrls) THEN
    BEGIN
      ALTER ROLE arrestra_search BYPASSRLS;
    EXCEPTION WHEN insufficient_privilege OR feature_not_supported THEN
      RAISE NOTICE 'BYPASSRLS cannot be granted on this server: search will use the slower plan.';
    END;
  END IF;
END $$;

-- Without PLATFORM_DATABASE_URL the app asks those questions with SET LOCAL ROLE arrestra_platform on its own connection.
GRANT arrestra_platform TO arrestra_app;
-- So that a migration can say ALTER FUNCTION ... OWNER TO arrestra_search.
GRANT arrestra_search TO arrestra_owner;

-- PostgreSQL waits for ever unless told otherwise. The app asks for the same limits when it connects; behind a pooler that drops such
-- wishes these remain.
ALTER ROLE arrestra_app SET statement_timeout = '30s';
ALTER ROLE arrestra_app SET lock_timeout = '3s';
ALTER ROLE arrestra_app SET idle_in_transaction_session_timeout = '30s';
ALTER ROLE arrestra_platform SET statement_timeout = '30s';
ALTER ROLE arrestra_platform SET lock_timeout = '3s';
ALTER ROLE arrestra_platform SET idle_in_transaction_session_timeout = '30s';
-- A migration that cannot get its lock must fail, not queue every reader behind itself.
ALTER ROLE arrestra_owner SET lock_timeout = '10s';

-- The database and its public schema belong to the owner; the others may come in and look, and make nothing.
DO $$ BEGIN
  IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
    EXECUTE format('GRANT arrestra_owner TO %I', current_user);
  END IF;
  EXECUTE format('ALTER DATABASE %I OWNER TO arrestra_owner', current_database());
  EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
  EXECUTE format('GRANT CONNECT ON DATABASE %I TO arrestra_owner, arrestra_app, arrestra_platform', current_database());
END $$;
ALTER SCHEMA public OWNER TO arrestra_owner;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO arrestra_app, arrestra_platform, arrestra_search;

CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE EXTENSION IF NOT EXISTS btree_gin;
