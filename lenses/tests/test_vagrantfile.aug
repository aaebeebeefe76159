(*
Module: Test_Vagrantfile
  Provides unit tests and examples for the <Vagrantfile> lens.
*)
module Test_Vagrantfile =

(* Variable: conf
     A file of two machines *)
let conf = "# -*- mode: ruby -*-
BOX = \"debian/bookworm64\"

Vagrant.configure(\"2\") do |config|
  config.vm.box = BOX # for all
  config.vm.define \"web\", primary: true do |web|
    web.vm.hostname = 'web.local'
    web.vm.network \"forwarded_port\", guest: 80, :host => 8080
    web.vm.synced_folder \"./src\", \"/var/www\",
      type: \"nfs\", # fast
      mount_options: [\"rw\", \"vers=3\"]
    web.vm.provider :virtualbox do |vb|
      vb.memory = 2048
      vb.customize [\"modifyvm\", :id, \"--cpus\", 2]
    end
  end
  if ENV['DEBUG']
    config.vm.provision \"shell\", inline: <<-SHELL
      echo \"it's
      cat > x <<EOF
      a.b = 1
EOF
    SHELL
  end
end
"

(* Test: Vagrantfile.lns
     Settings and calls wherever they stand, and all other lines *)
test Vagrantfile.lns get conf =
  { "#comment" = "-*- mode: ruby -*-" }
  { "BOX" = "\"debian/bookworm64\"" }
  { }
  { "#line" = "Vagrant.configure(\"2\") do |config|" }
  { "config.vm.box" = "BOX"
    { "#comment" = "for all" } }
  { "config.vm.define"
    { "@first" = "\"web\"" }
    { "primary" = "true" }
    { "do" = "web" } }
  { "web.vm.hostname" = "'web.local'" }
  { "web.vm.network"
    { "@first" = "\"forwarded_port\"" }
    { "guest" = "80" }
    { "host" = "8080" } }
  { "web.vm.synced_folder"
    { "@first" = "\"./src\"" }
    { "@arg" = "\"/var/www\"" }
    { "type" = "\"nfs\"" }
    { "#comment" = "fast" }
    { "mount_options" = "[\"rw\", \"vers=3\"]" } }
  { "web.vm.provider"
    { "@first" = ":virtualbox" }
    { "do" = "vb" } }
  { "vb.memory" = "2048" }
  { "#line" = "vb.customize [\"modifyvm\", :id, \"--cpus\", 2]" }
  { "#line" = "end" }
  { "#line" = "end" }
  { "#line" = "if ENV['DEBUG']" }
  { "config.vm.provision"
    { "@first" = "\"shell\"" }
    { "inline" = "<<-SHELL
      echo \"it's
      cat > x <<EOF
      a.b = 1
EOF
    SHELL" } }
  { "#line" = "end" }
  { "#line" = "end" }

(* Test: Vagrantfile.lns
     Only what is set changes *)
test Vagrantfile.lns put "  config.vm.box   = \"a\" # c\n  config.vm.network 'forwarded_port', guest: 80, :host => 80\n  vb.memory=512\n" after
  set "config.vm.box" "\"b\"";
  set "config.vm.network[guest = '80']/host" "8080";
  set "config.vm.network/auto_correct" "true";
  set "vb.memory" "1024" = "  config.vm.box   = \"b\" # c
  config.vm.network 'forwarded_port', guest: 80, :host => 8080, auto_correct: true
  vb.memory=1024
"

(* Test: Vagrantfile.lns
     A new setting and a new call, where they are put *)
test Vagrantfile.lns put "x do |config|\n  config.vm.box = \"a\"\nend\n" after
  insa "config.vm.hostname" "config.vm.box";
  set "config.vm.hostname" "\"h\"";
  insa "config.vm.synced_folder" "config.vm.hostname";
  set "config.vm.synced_folder/@first" "\".\"";
  set "config.vm.synced_folder/@arg" "\"/srv\"" = "x do |config|
  config.vm.box = \"a\"
  config.vm.hostname = \"h\"
  config.vm.synced_folder \".\", \"/srv\"
end
"

(* Test: Vagrantfile.lns
     Ruby that is neither setting nor call, here-documents with other words at their end among it *)
test Vagrantfile.lns get "a = <<ALIAS\n<?php it's\nALIAS\nx << y\nENV['A'] ||= \"1\"\ncase foo.bar when /'/\nraise \"no\" unless x\n" =
  { "#line" = "a = <<ALIAS" }
  { "#line" = "<?php it's" }
  { "#line" = "ALIAS" }
  { "#line" = "x << y" }
  { "#line" = "ENV['A'] ||= \"1\"" }
  { "#line" = "case foo.bar when /'/" }
  { "#line" = "raise \"no\" unless x" }

(* Test: Vagrantfile.lns
     A string that does not end is refused *)
test Vagrantfile.lns get "config.vm.box = \"a\n" = *
