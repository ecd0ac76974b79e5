drop table context_items;
