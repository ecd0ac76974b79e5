drop view workstation_metrics;
