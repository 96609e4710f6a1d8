-- Posts and likes by hashtag.
select
    lower(tags.text) as hashtag,
    count(distinct posts.id) as posts,
    sum(posts.likes) as likes
from {{ ref('posts') }} as posts
inner join {{ source('twitter', 'tweet_hashtag') }} as tags
    on tags.tweet_id = posts.id and tags._sdc_deleted_at is null
group by 1
