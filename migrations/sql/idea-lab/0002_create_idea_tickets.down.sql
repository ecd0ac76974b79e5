drop table idea_tickets;
