-- Why a unit is out of service, as the person said who set it so; gone when its status changes again.
alter table units add column status_reason text;
