drop table status_updates;
