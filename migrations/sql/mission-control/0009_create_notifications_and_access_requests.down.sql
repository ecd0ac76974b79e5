drop table access_requests;

drop table notifications;
