-- PostgreSQL cannot take a label away: the type is made anew. Accounts with a passkey must be gone by then.
alter type account_provider rename to account_provider_with_passkey;

create type account_provider as enum ('credential', 'github', 'google');

alter table accounts alter column provider type account_provider using provider::text::account_provider;

drop type account_provider_with_passkey;
