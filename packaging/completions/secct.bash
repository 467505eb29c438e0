# bash completion for secct, made by 'secct completion bash'.

_secct_names() {
  "${COMP_WORDS[0]}" list "$1" --names 2>/dev/null
}

_secct() {
  local cur=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} command='' i
  local options='' words='' kind=''
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    case ${COMP_WORDS[i]} in
      {{#global_values}}{{&pattern}}) ((i++)) ;;
      {{/global_values}}-*) ;;
      *)
        command=${COMP_WORDS[i]}
        break
        ;;
    esac
  done
  case $command in
{{#commands}}    {{&name}})
      options='{{&all_options}}'
      kind={{&positional_kind}} words='{{&positional_words}}'
      case $previous in
{{#values}}        {{&pattern}}) kind={{&kind}} words='{{&words}}' ;;
{{/values}}      esac
      ;;
{{/commands}}    *)
      options='{{&global_options}}' words='{{&command_names}}' kind=words
      case $previous in
{{#global_values}}        {{&pattern}}) kind={{&kind}} words='{{&words}}' ;;
{{/global_values}}      esac
      ;;
  esac
  if [[ $cur == -* ]]; then
    kind=words words=$options
  fi
  case $kind in
    words) mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur") ;;
    names) mapfile -t COMPREPLY < <(compgen -W "$(_secct_names "$words")" -- "$cur") ;;
    file) mapfile -t COMPREPLY < <(compgen -f -- "$cur") ;;
    folder) mapfile -t COMPREPLY < <(compgen -d -- "$cur") ;;
    interface) mapfile -t COMPREPLY < <(compgen -W "$(command ls /sys/class/net 2>/dev/null)" -- "$cur") ;;
    assignment)
      mapfile -t COMPREPLY < <(compgen -S = -W "$(_secct_names "$words")" -- "$cur")
      compopt -o nospace 2>/dev/null
      ;;
  esac
  if [[ $kind == file || $kind == folder ]]; then
    compopt -o filenames 2>/dev/null
  fi
}
complete -F _secct secct
