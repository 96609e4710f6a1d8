-- The posts that X still has, with their author and the present name of the ads account.
with accounts as (
    select id, name, timezone
    from {{ source('twitter', 'account_history') }}
    qualify row_number() over (partition by id order by updated_at desc) = 1
)

select
    tweet.id,
    tweet.created_at,
    (tweet.created_at at time zone accounts.timezone)::date as day,
    tweet.full_text,
    users.screen_name as handle,
    accounts.name as account,
    tweet.favorite_count as likes,
    tweet.retweet_count as reposts
from {{ source('twitter', 'tweet') }} as tweet
left join {{ source('twitter', 'twitter_user_history') }} as users on users.id = tweet.user_id
left join accounts on accounts.id = tweet.account_id
where tweet._sdc_deleted_at is null
