CREATE ROLE "{{name}}"
  LOGIN;
