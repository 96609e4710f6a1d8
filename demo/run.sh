#!/usr/bin/env bash
# Lookups and reports offline: users from a CSV, from messages and in Domo, insights, engagement, an ads account, the bill.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
bin=$PWD/${VENV:-.venv}/bin
ready=.sandbox/ready.json
summaries=.sandbox/summaries.jsonl
export COLUMNS=80
export no_proxy=127.0.0.1 NO_PROXY=127.0.0.1 # where the sandbox is, even if a proxy leads elsewhere
unset DATASET_STORE DATASET_STORE_OPTIONS # the demo's datasets are in this folder, not in a store of yours

bold='' plain=''
if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then bold=$'\033[1m' plain=$'\033[0m'; fi
say() { printf '\n%s== %s%s\n' "$bold" "$*" "$plain"; }

# `meltano run` against the sandbox, with settings as one would write them into meltano.yml: each plugin has
# its prefix. Variables of yours would change the demo, so they stay out.
settings=()
refresh=''
[ -d datasets ] || refresh=--full-refresh # an earlier demo's state knows rows that are gone
meltano_run() {
  env -i PATH="$PATH" HOME="$HOME" \
    TAP_TWITTER_API_BASE_URL="$url" TAP_TWITTER_API_ENGAGEMENT_URL="$url" TAP_TWITTER_API_ADS_URL="$url" \
    TAP_TWITTER_SUMMARY_FILE="$summaries" TARGET_DATASET_SUMMARY_FILE="$summaries" \
    "${settings[@]}" "$bin/meltano" --environment=sandbox --log-config=demo/logging.yaml run $refresh "$@" 2>&1 |
    grep --line-buffered -v -e 'Beginning sync' -e 'Meltano SDK'
}

# Run a command in the background, as a group of processes that ends with the demo; `started` has their ids
started=()
start() {
  set -m
  "$@" &
  set +m
  started+=("$!")
}
stop() {
  for group in "${started[@]}"; do kill -- "-$group" 2>/dev/null || true; done
  wait
}

# What a command that ran in the background has printed; the demo ends if it has failed
finished() {
  local code=0
  wait "$1" || code=$?
  cat "$2"
  return "$code"
}

say "Start the sandbox: a local X server with users, rate limits and a bill"
mkdir -p .sandbox
rm -f "$ready" "$summaries"
PYTHONPATH=tests start "$bin/python" -m sandbox --ready-file "$ready"
sandbox=${started[0]}
trap stop EXIT

say "dataset import demo/people.csv --name 'Demo people'"
"$bin/dataset" import demo/people.csv --name 'Demo people' --replace

for _ in {1..100}; do
  [ -e "$ready" ] && break
  kill -0 "$sandbox" || exit 1
  sleep 0.1
done
read -r url month_ago bearer_token < <("$bin/python" demo/configs.py "$ready")

# Insights, engagement and all tables of Fivetran's Twitter Organic in one run, whose streams are a selection
settings=(
  TAP_TWITTER__SELECT='["account_insights.*", "tweet_insights.*",
    "historical_engagement.*", "engagement_28hr.*", "engagement_totals.*",
    "account_history.*", "tweet.*", "tweet_hashtag.*", "tweet_symbols.*", "tweet_url.*", "tweet_user_mention.*",
    "twitter_user_history.*", "card_history.*", "card_component.*", "scheduled_tweet_history.*", "media_library.*",
    "organic_tweet_report.*"]'
  TAP_TWITTER_AUTH_BEARER_TOKEN="$bearer_token" # for what X tells apps about other people's posts
  TAP_TWITTER_ACCOUNTS='[{"username": "NorthwindTea"}, {"username": "PlatformNews"}]'
  TAP_TWITTER_START_DATE="$month_ago"
  TAP_TWITTER_ENGAGEMENT_DAYS_BACK_TO_START_FROM=10 TAP_TWITTER_ENGAGEMENT_DAYS_BACK_TO_END_AT=5
  TAP_TWITTER_ORGANIC_SYNC_MODE=SpecificAccounts TAP_TWITTER_ORGANIC_ACCOUNTS='["18ce54d4x5t"]'
)
start meltano_run tap-twitter target-dataset >.sandbox/reports.log
reports=${started[1]}

# The same lookup without Meltano, in Domo, for the sandbox is a Domo, too
lookup_in_domo() {
  "$bin/dataset" import demo/people.csv --name 'Demo people' --config .sandbox/target.json
  { "$bin/tap-twitter" --config .sandbox/tap.json | "$bin/target-dataset" --config .sandbox/target.json; } 2>&1 |
    sed -e 's/^20.* | //' -e '/Beginning sync/d' -e '/Meltano SDK/d' -e '/^{/d' # the messages, without states
}
start lookup_in_domo >.sandbox/domo.log 2>&1
domo=${started[2]}

say "meltano run messages lookup"
echo "The newest messages; who wrote them, and who the people of the CSV are."
settings=(
  TWITTER_LOOKUP_USERS_LOOKUP_INPUT_DATASET_ID='["Demo people", "direct_messages", "direct_messages_sent"]'
)
meltano_run messages lookup

say "dataset sql: messages with their senders' names"
"$bin/dataset" sql 'select m.created_at, u.username as sender, m.text
  from direct_messages m
  left join "Users lookup of direct_messages" u on u.requested_id = m.sender_id
  order by m.created_at desc limit 8'

say "dataset sql: who the people of the CSV are"
"$bin/dataset" sql "select requested_id, lookup_status, username, name, followers_count
  from \"Users lookup of Demo people\" where requested_kind = 'id' order by length(requested_id), requested_id limit 8"

say "dataset sql: what became of its 250 lines; what stands in several counts once"
"$bin/dataset" sql 'select lookup_status, count(*) as users, min(lookup_detail) as example
  from "Users lookup of Demo people" group by lookup_status order by users desc'

say "meltano run tap-twitter target-dataset: a selection of 17 streams"
echo "Two accounts of the last 30 days; how posts did ten to five days ago;
the tables of Fivetran's Twitter Organic."
finished "$reports" .sandbox/reports.log

say "dataset sql: the accounts, and what their posts have reached"
"$bin/dataset" sql 'select a.username, a.followers_count, count(*) as posts,
    sum(t.like_count) as likes, sum(t.own_retweet_count) as reposts
  from account_insights a join tweet_insights t on t.account_id = a.account_id
  where a.date = (select max(date) from account_insights)
  group by a.username, a.followers_count order by likes desc'

say "dataset sql: impressions, clicks and replies of each day"
"$bin/dataset" sql "select date, sum(count) filter (where engagement_type = 'impressions') as impressions,
    sum(count) filter (where engagement_type = 'url_clicks') as clicks,
    sum(count) filter (where engagement_type = 'replies') as replies
  from historical_engagement where status = 'available' group by date order by date desc limit 6"

say "dataset list"
"$bin/dataset" list

say "dataset report demo-report.html: charts of all of this, for a browser"
"$bin/dataset" report demo-report.html

say "tap-twitter | target-dataset: input and writeback of a lookup in Domo"
finished "$domo" .sandbox/domo.log
"$bin/dataset" list --config .sandbox/target.json

say "What was read: a sentence for each stream, rows, and the cost"
"$bin/python" demo/summary.py "$summaries" "$url"
