# shellcheck shell=sh disable=SC2034 # run by bando, see keeper.go; what is read does not matter
# The keeper of bando's database server: waits until every bando that used the server is gone, even by kill -9,
# then stops it. Descriptor 3 is a pipe whose other end each of them holds open: a line in it means that the
# server was stopped properly, its end that nobody is left who could.
data=$2 grace=$3 # $1 is a name for ps
{
	read -r word <&3 && exit
	sleep "$grace"
	read -r word <&3 && exit # waits on, if somebody came meanwhile
	exec 3<&-
	read -r pid <"$data/postmaster.pid" || exit
	# The process id may have gone to another program since.
	where=$(readlink "/proc/$pid/cwd" 2>/dev/null || ps -o args= -p "$pid")
	case $where in *"$data"*) kill -INT "$pid" ;; esac
} &
