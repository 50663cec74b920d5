#!/usr/bin/env bash
# Builds the image with countdown in it by Docker, and pushes it to Amazon ECR.
set -euo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)

usage='build-and-push.sh [--windows 2022|2019] [--linux] [--repository NAME] [--tag TAG] [--region REGION] [--dry-run]

Builds the image with countdown in it by Docker (buildx), and pushes it to Amazon ECR. On standard output: the image to register.

  --windows      2022 (default) or 2019: the version of Windows Server Core, which has to be that of the job definition
  --linux        the Linux image instead
  --repository   name in ECR; made where it is missing (default: windows-countdown, or linux-countdown)
  --tag          default: latest
  --region       default: AWS_REGION, AWS_DEFAULT_REGION, the profile, us-west-2
  --dry-run      show the commands, and run none of those that change something
  --help         show this

Needs Docker with buildx, and the AWS CLI with credentials. Without Docker: batchgauge image push (docs/guides/windows-image.md).'
usage_ja='build-and-push.sh [--windows 2022|2019] [--linux] [--repository 名前] [--tag タグ] [--region リージョン] [--dry-run]

countdown を含むイメージを Docker (buildx) でビルドし、Amazon ECR にプッシュします。標準出力に、登録するイメージを書きます。

  --windows      2022 (既定値) または 2019。Windows Server Core のバージョン。ジョブ定義と一致させます
  --linux        代わりに Linux イメージを作ります
  --repository   ECR のリポジトリ名。なければ作成します (既定値: windows-countdown または linux-countdown)
  --tag          既定値: latest
  --region       既定値: AWS_REGION、AWS_DEFAULT_REGION、プロファイルの設定、us-west-2
  --dry-run      コマンドを表示するだけで、変更を伴うものは実行しません
  --help         このヘルプを表示

Docker (buildx) と、認証情報を設定した AWS CLI が必要です。Docker がない場合: batchgauge image push (docs/guides/windows-image.ja.md)'

is_japanese() { case "${LC_ALL:-${LC_MESSAGES:-${LANG:-}}}" in ja*) return 0 ;; esac; return 1; }
fail() { # English, Japanese
  if is_japanese; then echo "error: $2" >&2; else echo "error: $1" >&2; fi
  exit 2
}

version=2022 system=windows repository='' tag=latest region='' dry_run=''
while [ $# -gt 0 ]; do
  case "$1" in
    --linux) system=linux; shift; continue ;;
    --dry-run) dry_run=yes; shift; continue ;;
    --help | -h) if is_japanese; then echo "$usage_ja"; else echo "$usage"; fi; exit 0 ;;
    --windows | --repository | --tag | --region) [ $# -ge 2 ] || fail "$1 needs a value" "$1 には値が必要です" ;;
    *) fail "not understood: $1 (--help shows the flags)" "解釈できません: $1 (--help でフラグを表示)" ;;
  esac
  case "$1" in
    --windows) version=$2 ;;
    --repository) repository=$2 ;;
    --tag) tag=$2 ;;
    --region) region=$2 ;;
  esac
  shift 2
done
case "$version" in 2019 | 2022) ;; *) fail '--windows is 2019 or 2022' '--windows は 2019 か 2022 です' ;; esac
repository=${repository:-$system-countdown}

change() { # runs a command that changes something, or shows it
  if [ -n "$dry_run" ]; then printf '%q ' "$@" >&2; echo >&2; else "$@" >&2; fi
}

docker buildx version >/dev/null 2>&1 || fail \
  'Docker with buildx was not found; without Docker: batchgauge image push (docs/guides/windows-image.md)' \
  'Docker (buildx) が見つかりません。Docker がない場合: batchgauge image push (docs/guides/windows-image.ja.md)'
command -v aws >/dev/null || fail 'the AWS CLI (aws) was not found' 'AWS CLI (aws) が見つかりません'

program=countdown.exe
if [ "$system" = linux ]; then program=countdown-linux-x86_64; fi
if [ ! -f "$here/dist/$program" ]; then
  change python3 "$here/../../scripts/build-countdown" "$here/dist"
fi

region=${region:-${AWS_REGION:-${AWS_DEFAULT_REGION:-$(aws configure get region || echo us-west-2)}}}
find_uri() {
  aws ecr describe-repositories --region "$region" --repository-names "$repository" --query 'repositories[0].repositoryUri' --output text
}
if ! uri=$(find_uri 2>/dev/null); then
  change aws ecr create-repository --region "$region" --repository-name "$repository"
  if [ -z "$dry_run" ]; then uri=$(find_uri); else uri=ACCOUNT.dkr.ecr.$region.amazonaws.com/$repository; fi
fi

if [ -n "$dry_run" ]; then
  printf 'aws ecr get-login-password --region %q | docker login --username AWS --password-stdin %q\n' "$region" "${uri%%/*}" >&2
else
  aws ecr get-login-password --region "$region" | docker login --username AWS --password-stdin "${uri%%/*}" >&2
fi
# Docker's own builder keeps images of its own system only; a builder in a container pushes those of any.
docker buildx inspect batchgauge >/dev/null 2>&1 || change docker buildx create --name batchgauge --driver docker-container
# Without provenance, one manifest is pushed; with it, a list, whose entries have to be told apart by Windows version.
common=(buildx build --builder batchgauge --provenance=false --sbom=false --push --tag "$uri:$tag")
if [ "$system" = linux ]; then
  change docker "${common[@]}" --platform linux/amd64 --file "$here/Dockerfile.linux" "$here"
else
  change docker "${common[@]}" --platform windows/amd64 --build-arg "WINDOWS_VERSION=ltsc$version" --file "$here/Dockerfile" "$here"
fi
echo "$uri:$tag"
