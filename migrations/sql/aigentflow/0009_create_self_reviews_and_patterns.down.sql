drop table patterns;

drop table self_reviews;
