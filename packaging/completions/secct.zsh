#compdef secct
# zsh completion for secct, made by 'secct completion zsh'.

_secct_names() {
  local -a names
  names=(${(f)"$(_call_program names secct list $1 --names 2>/dev/null)"})
  compadd -a names
}

_secct_assignments() {
  local -a names
  names=(${(f)"$(_call_program names secct list $1 --names 2>/dev/null)"})
  compadd -S = -a names
}

_secct() {
  local context state state_descr line
  typeset -A opt_args
  _arguments -C \
{{#global_specs}}    {{&spec}} \
{{/global_specs}}    '1:command:->command' \
    '*::argument:->argument'
  case $state in
    command)
      local -a commands
      commands=(
{{#commands}}        '{{&name}}:{{&zsh_description}}'
{{/commands}}      )
      _describe command commands
      ;;
    argument)
      case $line[1] in
{{#commands}}        {{&name}})
          _arguments \
{{#specs}}            {{&spec}} \
{{/specs}}            && return
          ;;
{{/commands}}      esac
      ;;
  esac
}

_secct "$@"
