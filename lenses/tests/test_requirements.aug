(*
Module: Test_Requirements
  Provides unit tests and examples for the <Requirements> lens.
*)
module Test_Requirements =

(* Variable: conf
     A file as one finds it *)
let conf = "# what the site runs on
-r base.txt
--extra-index-url https://pkgs.example.org/simple
-e ./libs/common
--no-index

django==4.2.1  # LTS
requests[security, socks]>=2.31,<3 ; python_version < \"3.12\"
zope.interface ~= 6.0
uvicorn
pip @ https://example.org/pip-24.0.zip#sha1=da ; sys_platform == 'linux'
certifi==2024.7.4 \\
    --hash=sha256:5a1e \\
    --hash=sha256:c198
    # via requests
./wheels/x-1.0-py3-none-any.whl
git+https://example.org/a/b.git@main#egg=b
"

(* Test: Requirements.lns
     Packages with what is asked of them, and the options of the file *)
test Requirements.lns get conf =
  { "#comment" = "what the site runs on" }
  { "@requirement" = "base.txt" }
  { "@extra-index-url" = "https://pkgs.example.org/simple" }
  { "@editable" = "./libs/common" }
  { "@no-index" }
  { }
  { "django" = "==4.2.1"
    { "#comment" = "LTS" } }
  { "requests" = ">=2.31,<3"
    { "extra" = "security" }
    { "extra" = "socks" }
    { "marker" = "python_version < \"3.12\"" } }
  { "zope.interface" = "~= 6.0" }
  { "uvicorn" }
  { "pip"
    { "url" = "https://example.org/pip-24.0.zip#sha1=da" }
    { "marker" = "sys_platform == 'linux'" } }
  { "certifi" = "==2024.7.4"
    { "hash" = "sha256:5a1e" }
    { "hash" = "sha256:c198" } }
  { "#comment" = "via requests" }
  { "@url" = "./wheels/x-1.0-py3-none-any.whl" }
  { "@url" = "git+https://example.org/a/b.git@main#egg=b" }

(* Test: Requirements.lns
     A version changes, and its comment stays *)
test Requirements.lns put "# a\ndjango==4.2.1  # LTS\nuvicorn\n" after
  set "django" "==5.0";
  set "uvicorn" ">=0.30" = "# a\ndjango==5.0  # LTS\nuvicorn>=0.30\n"

(* Test: Requirements.lns
     Extras, markers and hashes are added *)
test Requirements.lns put "a==1\n" after
  set "a/extra" "x";
  set "a/extra[2]" "y";
  set "a/marker" "os_name == 'nt'";
  set "a/hash" "sha256:00" = "a[x,y]==1; os_name == 'nt' \\\n    --hash=sha256:00\n"

(* Test: Requirements.lns
     A new package and a new option *)
test Requirements.lns put "a==1\n" after
  set "b" "==2";
  set "@requirement" "more.txt" = "a==1\nb==2\n-r more.txt\n"

(* Test: Requirements.lns
     Long options stay long *)
test Requirements.lns put "--requirement=a.txt\n" after
  set "@requirement" "b.txt" = "--requirement=b.txt\n"

(* Test: Requirements.lns
     A specifier needs its operator *)
test Requirements.lns get "django 4.2\n" = *
test Requirements.lns put "django==4.2\n" after set "django" "5.0" = *

(* Test: Requirements.lns
     A package beside one without a version *)
test Requirements.lns put "a\n" after set "b" ">=1" = "a\nb>=1\n"
