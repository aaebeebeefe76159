# environment: the variables of env
set_variables devenv
