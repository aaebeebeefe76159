# Prints, as JSON, what Vagrant makes of the Vagrantfile in each folder named: machine by machine, provider by provider.
# The providers' own programs are not asked, so this works for those that are not installed too.
require "vagrant"
require "vagrant/plugin/manager"
require "json"
Vagrant::Plugin::Manager.instance.globalize!

PROVIDERS = %i[docker libvirt virtualbox lxc hyperv vmware_desktop parallels].freeze

def plain(value)
  case value
  when Hash then value.to_h { |key, item| [key.to_s, plain(item)] }
  when Array, Set then value.map { |item| plain(item) }
  when Symbol then ":#{value}"
  when Integer, Float, true, false, nil then value
  else value.to_s
  end
end

def fields(config)
  config.instance_variables.to_h { |name| [name.to_s.delete("@"), plain(config.instance_variable_get(name))] }
end

def machine(env, name, provider)
  config = env.vagrantfile.machine_config(name, provider, nil, nil, false)[:config]
  vm = config.vm
  {
    hostname: vm.hostname, box: vm.box, version: vm.box_version, url: plain(vm.box_url),
    networks: vm.networks.map { |kind, options| [kind, plain(options.reject { |key, _| key == :id })] }.reject { |_, options| options["id"] == "ssh" || options["guest"] == 22 },
    folders: vm.synced_folders.values.map { |options| plain(options) },
    programs: vm.provisioners.map { |provisioner| provisioner.config.inline },
    settings: fields(vm.get_provider_config(provider))
  }
end

found = ARGV.to_h do |folder|
  env = Vagrant::Environment.new(cwd: folder, ui_class: Vagrant::UI::Silent)
  machines = env.machine_names.to_h { |name| [name, PROVIDERS.to_h { |provider| [provider, machine(env, name, provider)] }] }
  [folder, machines.merge("primary" => plain(env.primary_machine_name))]
rescue StandardError => e
  [folder, { "error" => e.message }]
end
puts JSON.generate(found)
